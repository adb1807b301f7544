"""The providers: one module a vendor; each makes one network call and turns the vendor's words into ours."""
