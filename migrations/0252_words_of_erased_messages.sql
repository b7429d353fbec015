-- +goose Up
-- What a message is found by follows when its words are taken away.
create trigger change_words after update of subject, author_name, author_address, body on case_messages for each row
    when ((new.subject, new.author_name, new.author_address, new.body) is distinct from (old.subject, old.author_name, old.author_address, old.body))
    execute function change_message_words();
