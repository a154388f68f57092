"""The typed client of the api, for programs, the command line and the page; needs the wire models and httpx."""
