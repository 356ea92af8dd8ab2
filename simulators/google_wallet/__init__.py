"""Google Wallet as issuers see it: REST, OAuth, save links, callbacks, and the phone of one member."""
