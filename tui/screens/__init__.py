"""One screen a file; a screen decides what its widgets' messages mean."""
