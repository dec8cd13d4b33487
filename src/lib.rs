#![doc = "The browser edge."]
