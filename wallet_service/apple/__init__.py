"""Apple Wallet: signed passes, the web service that phones call, and the pushes that wake them."""
