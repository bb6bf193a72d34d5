# Icons and translations of the console.
