"""Self-hosted loyalty cards with a progress bar, in the wallets of people's phones."""
