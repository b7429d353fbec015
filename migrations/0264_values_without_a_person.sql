-- +goose Up
-- Values without what names somebody: texts lose it, whatever is around them, and keys, numbers and the shape stay.
-- +goose StatementBegin
create function without_person(said jsonb, sure text, likely text) returns jsonb language plpgsql immutable parallel safe as $$
begin
    case jsonb_typeof(said)
        when 'string' then return to_jsonb(without_person(said #>> '{}', sure, likely));
        when 'object' then return (select coalesce(jsonb_object_agg(key, without_person(value, sure, likely)), '{}') from jsonb_each(said));
        when 'array' then return (select coalesce(jsonb_agg(without_person(value, sure, likely) order by n), '[]') from jsonb_array_elements(said) with ordinality e (value, n));
        else return said;
    end case;
end
$$;
-- +goose StatementEnd
