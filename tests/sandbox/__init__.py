"""Does the sandbox behave as its contract says? Driven over real sockets from outside, without Django."""
