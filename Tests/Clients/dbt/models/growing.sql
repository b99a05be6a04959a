{{ config(materialized='incremental', unique_key='id', enabled=env_var('WITH_INCREMENTAL', '') == 'yes') }}
select id, total from {{ ref('orders') }}
