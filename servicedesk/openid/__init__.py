"""Single sign-on: the OpenID providers of the municipalities, and who they say is there."""
