"""A strict simulated iPhone: it verifies, registers, wakes and fetches as Wallet does."""
