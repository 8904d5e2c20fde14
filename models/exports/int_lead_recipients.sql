with

lead_contacts as (
    select * from {{ ref('dim_lead_contacts') }}
),

placed as (
    select
        lead_id,
        contact_id,
        email,
        phone,
        first_name,
        last_name,
        gender,
        country,
        region,
        city,
        postal_code,
        language,
        company,
        job_title,
        birth_date,
        row_number() over (
            partition by lead_id
            order by
                case when email is null then 1 else 0 end asc,
                updated_at desc,
                contact_id asc
        ) as place
    from lead_contacts
),

chosen as (
    select
        lead_id,
        email,
        phone,
        first_name,
        last_name,
        gender,
        country,
        region,
        city,
        postal_code,
        language,
        company,
        job_title,
        birth_date
    from placed
    where place = 1
)

select * from chosen
