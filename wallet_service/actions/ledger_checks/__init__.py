"""The looks that `check_ledger` takes: each reads what was written and makes it again from scratch."""
