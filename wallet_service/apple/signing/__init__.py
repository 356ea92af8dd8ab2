"""What passes are signed and pushed with: certificates, keys, signers."""
