package main

type importCommand struct {
	Rates importRates `cmd:"" help:"Exchange rates from a CSV file."`
}
