"""One folder a platform. The network is used only here."""
