"""What the web server serves."""

from wallet_service import serve

app = serve()
