#![doc = "Everything Flywheel decides."]
