-- +goose Up
-- Files are none the less sent for being marked to be shown in place: documents, which no mail is made of, were kept from evidence and portal.
update case_attachments set inline = false where inline and (media_type in ('application/pdf', 'text/csv', 'application/zip', 'application/xml', 'text/xml')
    or media_type like 'application/vnd.openxmlformats-%' or media_type like 'application/vnd.ms-excel%' or media_type like 'application/msword%');
