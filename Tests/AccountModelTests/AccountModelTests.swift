// AccountModelTests
