"""What the routes ask for: state and work that outlive one request."""
