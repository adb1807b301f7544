"""What is forecast is what is done: an independent model of the product's promises, and a machine that compares."""
