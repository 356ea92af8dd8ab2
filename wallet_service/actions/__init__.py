"""What people do, one file a verb: each is one function and one transaction."""
