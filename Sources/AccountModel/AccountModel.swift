// AccountModel
