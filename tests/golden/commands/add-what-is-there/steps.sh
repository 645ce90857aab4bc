streamworker add event placed
streamworker add worker biller --source orders.placed.*
