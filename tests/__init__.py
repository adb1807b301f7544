"""tests: every promise of the product as a sentence that can fail. One folder for each part."""
