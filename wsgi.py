"""What the web server serves."""

from wallet_service import create_app

app = create_app()
