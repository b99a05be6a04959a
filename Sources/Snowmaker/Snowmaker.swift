// Snowmaker
