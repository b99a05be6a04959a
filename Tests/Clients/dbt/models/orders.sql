select id, customer, total, placed_on from {{ source('core', 'sales') }} where total > 0
