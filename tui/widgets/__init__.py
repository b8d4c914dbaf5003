"""One widget a file; a widget posts messages upward and never calls the store."""
