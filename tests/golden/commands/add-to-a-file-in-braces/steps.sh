streamworker add worker mailer --source 'orders.placed.*'
