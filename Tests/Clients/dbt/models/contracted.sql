{{ config(materialized='table') }}
select id, total::number(12,2) as total from {{ ref('orders') }}
