"""One file per resource; each has `ROUTES`, from which both the router and the OpenAPI document are made."""
