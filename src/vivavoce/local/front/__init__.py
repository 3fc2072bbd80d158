"""The front of the live server: certificate, ports, paths, credentials, and plain HTTP beside the sockets."""
