"""The card in Google Wallet: its class and object, the link that saves it, what Google answers and calls."""
