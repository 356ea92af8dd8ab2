"""APNs on one machine: HTTP/2 over TLS with client certificates, strict as Apple, unkind by a knob."""
