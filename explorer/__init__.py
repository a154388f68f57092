"""The Dash page that shows a collection; it speaks to the api over HTTP only."""
