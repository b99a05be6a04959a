print("snowmaker")
