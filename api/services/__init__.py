"""Services behind the routes: state and work that outlive one request."""
