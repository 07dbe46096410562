"""How fast we promised to help: service hours, agreements, clocks and the watch over them."""
