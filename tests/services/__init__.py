"""The real programs that tests talk to: private, on free ports, gone with the tests."""
