-- Media that nothing refers to is collected: who refers to it, told quickly.

create index takes_of_media on takes (media_hash);
create index takes_of_thumb on takes (thumb_hash);
create index character_images_of_hash on character_images (hash);
create index media_condemned on media (condemned_at) where condemned_at is not null;
create index assets_deleted on assets (deleted_at) where deleted_at is not null;

create view media_uses as
select hash from assets
union all
select media_hash from takes
union all
select thumb_hash from takes
union all
select made from media_parts
union all
select hash from media_mentions
union all
select voice_hash from characters
union all
select hash from character_images;
