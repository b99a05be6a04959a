// SnowmakerCoreTests
