/* presets.c - the table of card sizes. Sources of the figures: docs/cards.md. */
#include "actions/social_cards/presets.h"

#include <string.h>

#define MB (1024u * 1024u)

const struct card_preset card_presets[] = {
    { "og", "Open Graph", 1200, 630, CARD_LANDSCAPE, { 40, 48, 24, 48 }, 8 * MB, false },
    { "x_card", "X summary", 1200, 600, CARD_LANDSCAPE, { 40, 48, 24, 48 }, 5 * MB, false },
    { "x_post", "X post", 1200, 675, CARD_LANDSCAPE, { 40, 48, 24, 48 }, 5 * MB, false },
    { "linkedin", "LinkedIn", 1200, 627, CARD_LANDSCAPE, { 40, 48, 24, 48 }, 5 * MB, false },
    { "instagram_square", "Instagram square", 1080, 1080, CARD_SQUARE, { 60, 60, 60, 60 }, 8 * MB, true },
    /* the profile grid shows 3:4 since January 2025: 34 px less at the sides */
    { "instagram_portrait", "Instagram portrait", 1080, 1350, CARD_PORTRAIT, { 60, 60, 60, 60 }, 8 * MB, true },
    /* the apps lay their own controls over the top 250 and the bottom 340 px */
    { "story", "Story", 1080, 1920, CARD_STORY, { 250, 60, 340, 60 }, 30 * MB, false },
    { "pinterest", "Pinterest pin", 1000, 1500, CARD_PORTRAIT, { 60, 56, 60, 56 }, 20 * MB, false },
    /* the duration stands over the lower end corner, about 180x60 px */
    { "youtube_thumb", "YouTube thumbnail", 1280, 720, CARD_YOUTUBE, { 40, 40, 36, 40 }, 2 * MB, false },
};
const size_t card_preset_count = sizeof card_presets / sizeof *card_presets;

const struct card_preset *card_preset_find(const char *name)
{
    if (strcmp(name, "facebook") == 0)
        name = "og";
    for (size_t i = 0; i < card_preset_count; i++)
        if (strcmp(card_presets[i].name, name) == 0)
            return &card_presets[i];
    return NULL;
}
