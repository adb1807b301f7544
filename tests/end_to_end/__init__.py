"""Does the whole product do what it promises, seen from outside? Real processes, a browser, a mailbox."""
