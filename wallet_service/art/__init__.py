"""Pictures out of values: the same state gives the same bytes, on every machine, for ever."""
