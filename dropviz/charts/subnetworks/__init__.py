"""The chart `subnetworks` and its parts."""
