{{ config(materialized='table', transient=false) }}
select customer, count(*) as orders, sum(total) as total, max(placed_on) as latest
from {{ ref('orders') }} group by customer
